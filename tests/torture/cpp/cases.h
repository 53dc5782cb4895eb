// The kinds of native cases. Each is a function of a seed and an index, and
// ends the program where something is wrong.
#ifndef LAMELLA_TESTS_TORTURE_CPP_CASES_H_
#define LAMELLA_TESTS_TORTURE_CPP_CASES_H_

#include <cstddef>
#include <cstdint>
#include <string>

namespace lamella::torture {

/// Fails one allocation of one operation, and checks that nothing has changed.
void MemoryCase(uint64_t seed, size_t index);

/// Trains a random model for a few steps and checks its gradients.
void ModelCase(uint64_t seed, size_t index);

/// Jobs of the thread pool, and models trained with it.
void PoolCase(uint64_t seed, size_t index);

/// Ends the program with this text as its finding.
[[noreturn]] void Fail(const std::string& text);

}  // namespace lamella::torture

#endif  // LAMELLA_TESTS_TORTURE_CPP_CASES_H_
