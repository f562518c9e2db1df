export { discoverServices, type Service } from './services/services.ts';
export { type Keeper, startKeeper } from './testing/keeper.ts';
