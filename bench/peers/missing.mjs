/** Thrown by a peer that cannot do what is asked for; the message says why. */
export class Missing extends Error {}
