# The test `downstream`: Plimsoll as it is installed, used by the project in this folder.
find_package(Python3 3.10 REQUIRED COMPONENTS Interpreter)
add_test(NAME downstream
  COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_LIST_DIR}/downstream.py
          ${PROJECT_BINARY_DIR} ${CMAKE_CURRENT_BINARY_DIR}/downstream
          -G ${CMAKE_GENERATOR} -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
          -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER})
