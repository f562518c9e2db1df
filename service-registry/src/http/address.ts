import { isIP } from 'node:net';
import type { Request } from 'express';

/** Host and port of a URL; an IPv6 address without brackets. */
export function parseAddress(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  const standard = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? standard : Number(port) };
}

export function httpUrl(host: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  return `${scheme}://${isIP(host) === 6 ? `[${host}]` : host.toLowerCase()}:${port}`;
}

/** The client's IP address, if known. */
export function clientIp({ ip = '127.0.0.1' }: Request): string {
  return ip.replace(/^::ffff:(?=\d+\.)/, '');
}
