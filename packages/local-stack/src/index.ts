export { discoverServices, type WorkspaceService } from './services/services.ts';
export { type TestServerManager, startTestServerManager } from './testing/test-server-manager.ts';
