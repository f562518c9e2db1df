export { discoverServices, type Service } from './services/discover.ts';
