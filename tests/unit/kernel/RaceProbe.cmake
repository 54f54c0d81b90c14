# The sanitizer must see a race through our own executor and team, or its silence elsewhere would mean nothing.
if(PLIMSOLL_SANITIZE STREQUAL "thread")
  add_executable(race_probe unit/kernel/race_probe.cpp)
  target_link_libraries(race_probe PRIVATE plimsoll::sim plimsoll_warnings)
  add_test(NAME race_probe COMMAND race_probe)
  set_tests_properties(race_probe PROPERTIES PASS_REGULAR_EXPRESSION "data race")
endif()
