import { type Keeper, startKeeper } from './keeper.ts';

let keeper: Keeper | undefined;

/** Makes the run's keeper, once: in jest's watch mode it stays from run to run. */
export async function openRun(): Promise<void> {
  keeper ??= await startKeeper();
}

/** Ends what the keeper keeps. */
export async function closeRun(): Promise<void> {
  await keeper?.close();
  keeper = undefined;
}
