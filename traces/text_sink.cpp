#include "traces/text_sink.hpp"

#include <zstd.h>

#include <vector>

#include "core/assert.hpp"
#include "results/atomic_file.hpp"

namespace plimsoll {

struct TextSink::State {
  explicit State(const std::string& path) : file(path) {
    if (!path.ends_with(".zst")) return;
    constexpr int kLevel = 6;
    compressor.reset(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_checksumFlag, 1);
    compressed.resize(ZSTD_CStreamOutSize());
  }

  void compress(std::string_view text, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{compressed.data(), compressed.size(), 0};
      left = ZSTD_compressStream2(compressor.get(), &out, &in, directive);
      PLIMSOLL_ASSERT(ZSTD_isError(left) == 0, "zstd: {}", ZSTD_getErrorName(left));
      file.write(std::string_view(compressed.data(), out.pos));
    } while (directive == ZSTD_e_end ? left != 0 : in.pos < in.size);
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  AtomicFile file;
  std::unique_ptr<ZSTD_CCtx, Free> compressor;  ///< none for a plain file
  std::vector<char> compressed;
};

TextSink::TextSink(const std::string& path) : state_(std::make_unique<State>(path)) {}
TextSink::~TextSink() = default;

void TextSink::write(std::string_view text) {
  if (state_->compressor) {
    state_->compress(text, ZSTD_e_continue);
  } else {
    state_->file.write(text);
  }
}

void TextSink::commit() {
  if (state_->compressor) state_->compress({}, ZSTD_e_end);
  state_->file.commit();
}

}  // namespace plimsoll
