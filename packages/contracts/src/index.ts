export { CONTRACT_FIXTURES, createContractTokens } from './contract-fixtures.ts';
export { describeContract } from './consumer-contract.ts';
export type { Contract } from './pact-builder.ts';
export { describeJwksContract, EXAMPLE_KEY, jwksLike } from './jwks-contract.ts';
export { anyText, eachLike, integer, oneOf } from './matchers.ts';
export { describeProvider } from './provider-verification.ts';
export type { ProviderUnderTest } from './pact-verifier.ts';
export { drainOutbox } from './drain-outbox.ts';
