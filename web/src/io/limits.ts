/**
 * Bounds on what a file may ask for beyond its own length. Every reader keeps them, with a
 * FormatError, and every writer, with a ValueError: what is written can be read. Time and memory for
 * a file of n bytes are in proportion to n, and to the model that it describes.
 */
export const limits = {
  /**
   * Layers of a model, those inside others included, each of which takes an object on both sides of
   * the boundary: the deepest network that was ever trained, 10,000 convolutions with an activation
   * after each (Xiao et al., 2018, "Dynamical isometry and a mean field theory of CNNs"), and half as
   * much again.
   */
  layers: 30_000,
  /** Dimensions of an array: as many as numpy 1 has. The engine's tensors have at most 8. */
  rank: 32,
  /** Characters of JSON, which takes many times their memory when parsed: 500 for each of the layers. */
  text: 2 ** 24,
  /** Lists and objects of JSON in one another: 30 blocks deep, shallow enough for every call stack. */
  nesting: 64,
  /** Samples of an epoch: the engine keeps their order in 32 bits each. */
  samples: 2 ** 32 - 1,
  /** Bytes that an archive of any length may unpack to: a text compresses to a hundredth. */
  unpacked: 2 ** 24,
  /** Bytes that each byte of an archive may unpack to: float32 weights hardly shrink. */
  inflation: 64,
} as const;
