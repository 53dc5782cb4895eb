// One peer in one variant, as it runs inside a process or a page of its own.
import { inputs } from './inputs.mjs';
import { load } from './peers/index.mjs';
import { Missing } from './peers/missing.mjs';

/** Warm-up goes on for at least this long and this often, so that engines have compiled. */
const warmingUp = { milliseconds: 300, runs: 4, most: 3000 };

/** A single run that takes longer is not repeated during warm-up. */
const verySlow = 10_000;

const now = () => performance.now();

async function timed(task) {
  const start = now();
  const result = await task.run();
  return { result, milliseconds: now() - start };
}

async function warmUp(task, isTraining, indices) {
  const times = [];
  const losses = [];
  let values;
  const start = now();
  for (;;) {
    const { result, milliseconds } = await timed(task);
    times.push(milliseconds);
    if (isTraining && losses.length < 3) losses.push(result);
    if (!isTraining && !values) {
      const all = await task.result?.();
      values = indices?.map((index) => all[index]);
    }
    const elapsed = now() - start;
    if (milliseconds > verySlow || elapsed > warmingUp.most) {
      // Two losses are needed to see that they fall, unless one alone takes minutes.
      if (!isTraining || losses.length >= 2 || milliseconds > 2 * verySlow) break;
    } else if (times.length >= warmingUp.runs && elapsed >= warmingUp.milliseconds) break;
  }
  return isTraining ? { losses, times } : { values, times };
}

export class Instance {
  #peer;
  #tasks = new Map();

  /** Loads the peer; returns the reason when it cannot be had. */
  async open({ peer, variant, threads, assets }) {
    const { open } = await load(peer);
    try {
      this.#peer = await open({ variant, threads, assets });
      return {};
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }

  /**
   * Sets a workload up, beside others, and runs it for checking and for warming up.
   * Returns { reason } when the peer cannot do it, else the values at `indices` or the losses of
   * the first steps, a note, and how long each run took in milliseconds.
   */
  async prepare(workload, indices) {
    const make = this.#peer[workload.kind];
    try {
      if (!make) throw new Missing(this.#peer.missing?.[workload.kind] ?? `no ${workload.kind}`);
      const task = await make(inputs(workload), workload);
      this.#tasks.set(workload.name, task);
      const { note, check, flops } = task;
      return { note, check, flops, ...(await warmUp(task, workload.kind === 'training', indices)) };
    } catch (error) {
      await this.release(workload.name);
      return { reason: reasonOf(error) };
    }
  }

  /** Milliseconds that `count` runs of the workload of that name take together. */
  async time(name, count) {
    const { run } = this.#tasks.get(name);
    const start = now();
    for (let i = 0; i < count; i++) {
      const result = run();
      if (typeof result?.then === 'function') await result;
    }
    return now() - start;
  }

  /** The peer's own profile of a workload: { rows }, or { reason } where it has none. */
  async report(workload) {
    const prepared = await this.prepare(workload, null);
    return prepared.reason ? prepared : { rows: await this.#tasks.get(workload.name).run() };
  }

  /** Frees the workload of that name. */
  async release(name) {
    await this.#tasks.get(name)?.dispose?.();
    this.#tasks.delete(name);
  }
}

function reasonOf(error) {
  if (error instanceof Missing) return error.message;
  return `failed: ${String(error).split('\n')[0].slice(0, 200)}`;
}
