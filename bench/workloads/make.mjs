// Makers of workloads, shared by the groups.

export const gemm = (m, k, n, more) => ({
  kind: 'gemm',
  name: `gemm-${m}x${k}x${n}`,
  ...{ m, k, n },
  ...more,
});

/** The forward pass of a single layer over samples of `inputShape`. */
export const operator = (name, batch, inputShape, layer, more) => ({
  kind: 'operator',
  ...{ name, batch, inputShape, layers: [layer], range: [-1, 1] },
  ...more,
});

export const training = (network, batch = 64, more) => ({
  kind: 'training',
  name: `${network}-step`,
  ...{ network, batch },
  ...more,
});

export const inference = (network, batch, more) => ({
  kind: 'inference',
  name: `${network}-inference-${batch}`,
  ...{ network, batch },
  ...more,
});

/** Heavy ones are measured with two threads as well. */
export const heavy = { heavy: true };

/** Peers that take minutes: --quick leaves them out. */
export const slow = (...slowFor) => ({ slowFor });

/** Rows that --quick leaves out, unless --only names them. */
export const longOnly = { longOnly: true };

/** The peers that take part unless --peers names others. */
export const among = (...peers) => ({ peers });

/** A list with the name of its group, which --only takes too. */
export const group = (name, list) => list.map((workload) => ({ group: name, ...workload }));
