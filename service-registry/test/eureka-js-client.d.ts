/** The part of the npm package that tests use; it comes without types. */
declare module 'eureka-js-client' {
  import type { EventEmitter } from 'node:events';

  type Done = (error?: Error | null) => void;

  export class Eureka extends EventEmitter {
    constructor(config: object);
    start(done?: Done): void;
    stop(done?: Done): void;
    fetchRegistry(done?: Done): void;
    getInstancesByAppId(
      app: string,
    ): { instanceId: string; status: string; hostName: string; port: { $: number } }[];
    getInstancesByVipAddress(vip: string): { instanceId: string }[];
  }
}
