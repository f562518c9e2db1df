import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { RouteEntity } from '../src/kong-config/model/entities.ts';
import { loadConfigDocument, loadConfig } from '../src/kong-config/load-config.ts';
import { STANDARD_PLUGINS } from '../src/plugins/index.ts';
import { createRouter } from '../src/router/router.ts';
import { asked, referenceMatch, routes, type RouteInFile } from './reference-router.ts';

const RUNS = 10_000;

/** Loads a file, so that the test compares what a file declares; without a service, to be fast. */
function declared(file: readonly RouteInFile[]): readonly RouteEntity[] | undefined {
  return loadConfigDocument({ routes: file }, { kinds: STANDARD_PLUGINS, environment: {} }).config?.routes;
}

describe('a route', () => {
  test('is found as Kong’s rules say, in any configuration for any request', () => {
    let compared = 0;
    let matched = 0;
    fc.assert(
      fc.property(routes, fc.array(asked, { minLength: 1, maxLength: 3 }), (file, requests) => {
        const read = declared(file);
        // Routes without conditions, and two routes with equal conditions, are refused.
        fc.pre(read !== undefined);
        const router = createRouter({ routes: read ?? [] });
        for (const { path, ...rest } of requests) {
          const distinct = Object.entries(rest.headers).map(([name, value]) => [name, [value]]);
          const match = router(path, {
            ...rest,
            protocol: 'http',
            headersDistinct: Object.fromEntries(distinct),
          });
          expect(match?.route.name).toBe(referenceMatch(file, { path, ...rest }));
          expect(match === undefined || path.startsWith(match.prefix)).toBe(true);
          compared += 1;
          if (match !== undefined) matched += 1;
        }
      }),
      { numRuns: RUNS, maxSkipsPerRun: 100 },
    );
    expect(compared).toBeGreaterThanOrEqual(RUNS);
    expect(matched).toBeGreaterThan(RUNS / 10);
  });

  test('is never a crash, whatever text is read as a configuration', () => {
    const key = fc.constantFrom(
      'services',
      'routes',
      'plugins',
      'upstreams',
      'consumers',
      'name',
      'paths',
      'url',
      'config',
      'targets',
      '_format_version',
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(
          '/a',
          'http://a',
          'cors',
          'rate-limiting',
          'name',
          '3.0',
          0,
          1,
          -1,
          true,
          null,
          '{vault://env/X}',
        ),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.oneof(tree, fc.string()), (document) => {
        const text = typeof document === 'string' ? document : JSON.stringify(document);
        const { config, mistakes } = loadConfig(text, {
          kinds: STANDARD_PLUGINS,
          environment: {},
        });
        expect((config === undefined) !== (mistakes === undefined)).toBe(true);
        if (config !== undefined) createRouter(config);
        for (const mistake of mistakes ?? []) expect(mistake).not.toMatch(/undefined|\[object/);
      }),
      { numRuns: RUNS },
    );
  });
});
