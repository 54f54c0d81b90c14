#include "traces/trace_writer.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>
#include <zstd.h>

#include <iterator>
#include <memory>
#include <string_view>
#include <vector>

#include "core/assert.hpp"
#include "core/error.hpp"
#include "results/atomic_file.hpp"

namespace plimsoll {
namespace {

/// Text on its way to a file, through zstd where the file's name asks for it.
class Sink {
 public:
  explicit Sink(const std::string& path) : file_(path) {
    if (!path.ends_with(".zst")) return;
    constexpr int kLevel = 6;
    compressor_.reset(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(compressor_.get(), ZSTD_c_checksumFlag, 1);
    compressed_.resize(ZSTD_CStreamOutSize());
  }

  void write(std::string_view text) {
    if (compressor_) {
      compress(text, ZSTD_e_continue);
    } else {
      file_.write(text);
    }
  }

  void commit() {
    if (compressor_) compress({}, ZSTD_e_end);
    file_.commit();
  }

 private:
  void compress(std::string_view text, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{compressed_.data(), compressed_.size(), 0};
      left = ZSTD_compressStream2(compressor_.get(), &out, &in, directive);
      PLIMSOLL_ASSERT(ZSTD_isError(left) == 0, "zstd: {}", ZSTD_getErrorName(left));
      file_.write(std::string_view(compressed_.data(), out.pos));
    } while (directive == ZSTD_e_end ? left != 0 : in.pos < in.size);
  }

  struct Free {
    void operator()(ZSTD_CCtx* compressor) const { ZSTD_freeCCtx(compressor); }
  };
  AtomicFile file_;
  std::unique_ptr<ZSTD_CCtx, Free> compressor_;  ///< none for a plain file
  std::vector<char> compressed_;
};

void append_row(const Arrival& arrival, fmt::memory_buffer& text) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t ns = to_ns(arrival.at);
  fmt::format_to(std::back_inserter(text), FMT_COMPILE("{}.{:09},{},{}\n"), ns / kSecond,
                 ns % kSecond, arrival.prompt_tokens, arrival.output_tokens);
}

}  // namespace

void write_trace(ArrivalStream& arrivals, const std::string& path) {
  Sink sink(path);
  sink.write("arrival_s,prompt_tokens,output_tokens\n");
  std::vector<Arrival> block;
  for (arrivals.next(block); !block.empty(); arrivals.next(block)) {
    fmt::memory_buffer text;
    for (const Arrival& arrival : block) append_row(arrival, text);
    sink.write({text.data(), text.size()});
  }
  sink.commit();
}

}  // namespace plimsoll
