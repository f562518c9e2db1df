export { AGREED, agreedTokens } from './agreed.ts';
export { describeContract } from './consumer.ts';
export type { Contract } from './draft.ts';
export { describeKeySet, EXAMPLE_KEY, keySetLike } from './key-set.ts';
export { anyText, eachLike, integer, oneOf } from './matchers.ts';
export { describeProvider } from './provider.ts';
export type { Provider } from './verification.ts';
export { relayed } from './relayed.ts';
