// lamella_torture KIND SEED FIRST STEP END POSITION-FILE: the cases FIRST,
// FIRST + STEP, … below END of a kind. The file says which one runs.
#if __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#endif

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <string>

#include "cases.h"

namespace lamella::torture {

void Fail(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::_Exit(1);
}

namespace {

int Main(int argc, char** argv) {
  const std::map<std::string, std::function<void(uint64_t, size_t)>> kinds = {
      {"memory", MemoryCase}, {"models", ModelCase}, {"pool", PoolCase}};
  const auto kind = argc == 7 ? kinds.find(argv[1]) : kinds.end();
  if (kind == kinds.end()) Fail("wrong arguments");
  const uint64_t seed = std::stoull(argv[2]);
  const size_t step = std::stoull(argv[4]), end = std::stoull(argv[5]);
  std::FILE* position = std::fopen(argv[6], "w");
  if (position == nullptr) Fail("no position file");
  const auto tell = [&](size_t index) {
    std::rewind(position);
    std::fprintf(position, "%16zu", index);
    std::fflush(position);
  };
  for (size_t index = std::stoull(argv[3]); index < end; index += step) {
    tell(index);
    try {
      kind->second(seed, index);
    } catch (const std::exception& exception) {
      Fail(std::string(argv[1]) + " case " + std::to_string(index) +
           ": unexpected: " + exception.what());
    }
  }
  tell(end);
  std::fclose(position);
#if __has_feature(address_sanitizer)
  if (__lsan_do_recoverable_leak_check() != 0) Fail("memory was leaked");
#endif
  // Threads of the pool sleep for ever; nothing waits for them.
  std::_Exit(0);
}

}  // namespace
}  // namespace lamella::torture

// A race ends the program: at its end nothing would tell of it.
extern "C" const char* __tsan_default_options() { return "halt_on_error=1"; }

int main(int argc, char** argv) { return lamella::torture::Main(argc, argv); }
