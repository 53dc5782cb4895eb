/* global addToLibrary */
// Functions of embind's for types that no binding has, replaced as Emscripten's manual tells ("JavaScript
// libraries", in "Interacting with code"): 2.3 kB brotli less for every visitor.
addToLibrary({
  // Names a C++ type in the error for one that was never bound. Without RTTI its name is its address,
  // for which C++ brings sprintf.
  $getTypeName__deps: [],
  $getTypeName: (type) => `0x${type.toString(16)}`,

  // No binding takes or returns std::wstring, std::u16string or std::u32string.
  _embind_register_std_wstring__deps: [],
  _embind_register_std_wstring: () => {},
});
