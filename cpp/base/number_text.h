// Messages show numbers by it.
#ifndef LAMELLA_BASE_NUMBER_TEXT_H_
#define LAMELLA_BASE_NUMBER_TEXT_H_

#include <string>

namespace lamella {

/// The shortest text that reads back as the same number: "0.1", "1e-7"
/// (natively "1e-07").
///
/// There are two definitions, of which CMakeLists.txt gives each program one:
/// number_text.cc by the C++ library, and for the WebAssembly module
/// bindings/number_text.cc, by JavaScript, since the tables of the C++
/// library's are larger than the rest of the engine.
std::string NumberText(double number);

}  // namespace lamella

#endif  // LAMELLA_BASE_NUMBER_TEXT_H_
