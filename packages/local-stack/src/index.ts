export { discoverServices, type Service } from './services/services.ts';
