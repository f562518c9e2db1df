// Pact's native library sends usage statistics unless this variable is set in the process. Tests have only a copy of
// the environment, so it is set here.
process.env.PACT_DO_NOT_TRACK = 'true';

/** @type {import('jest').Config} */
export default {
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['**/test/**/*.test.ts', '<rootDir>/tests/**/*.test.ts'],
  modulePathIgnorePatterns: ['/dist/', '/.local/'],
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  globalSetup: '@plaza/local-stack/jest-setup',
  globalTeardown: '@plaza/local-stack/jest-teardown',
  coverageProvider: 'v8',
  maxWorkers: '100%',
  testTimeout: 60_000, // RabbitMQ's first start may take 25 s of it
};
