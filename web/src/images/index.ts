/**
 * Images: made tensors of, and changed at random while a model trains. It runs beside `lamella`.
 *
 * @module lamella/images
 */
export {};
