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
  testTimeout: 30_000,
};
