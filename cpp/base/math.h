// Elementary functions in double precision. The C library's, with their tables,
// are 7.6 kB brotli of the WebAssembly module (measured, simd: sine and cosine
// 4.1, e^x 2.3, powers 1.2), and give other bits in native builds. These are
// polynomials, the same everywhere, and off by at most two units in the last
// place.
#ifndef LAMELLA_BASE_MATH_H_
#define LAMELLA_BASE_MATH_H_

#include <cstdint>

namespace lamella {

/// e^x for x from -700 to 700.
double Exp(double x);

/// The natural logarithm of a normal x > 0; NaN stays NaN.
double Log(double x);

/// log(1 + x) for x >= 0, exact for small x as well.
double Log1p(double x);

/// Sine and cosine of an angle from 0 to 2 pi, in radians.
struct SineCosine {
  double sine, cosine;
};
SineCosine SinCos(double angle);

/// base^exponent.
double Power(double base, uint64_t exponent);

}  // namespace lamella

#endif  // LAMELLA_BASE_MATH_H_
