import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Router } from 'express';

const TYPES = {
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'dom.js': 'text/javascript; charset=utf-8',
  'relative-time.js': 'text/javascript; charset=utf-8',
  'search.js': 'text/javascript; charset=utf-8',
  'table.js': 'text/javascript; charset=utf-8',
  'update-stream.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};

type AssetName = keyof typeof TYPES;

const folder = new URL('../../../assets/', import.meta.url);

export interface Assets {
  /** The URL relative to the page; another one for other content. */
  url(name: AssetName): string;
  readonly router: Router;
}

/**
 * The page's static files, in memory. Their path changes with the content of any of them, so browsers may cache them
 * for ever; a module finds its imports in the same folder.
 */
export function createAssets(): Assets {
  const files = Object.entries(TYPES).map(([name, type]) => ({
    name,
    type,
    content: readFileSync(new URL(name, folder)),
  }));
  const hash = createHash('sha256');
  for (const { content } of files) hash.update(content);
  const version = hash.digest('base64url').slice(0, 12);
  const router = Router();
  for (const { name, type, content } of files) {
    router.get(`/page/${version}/${name}`, (_request, response) => {
      response.set({ 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' });
      response.send(content);
    });
  }
  return { url: (name) => `page/${version}/${name}`, router };
}
