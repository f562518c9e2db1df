import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

const assets = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')));

const INITIALIZER = `window.ui = SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** Swagger UI under `/docs`, from local files: it works with no network at all. */
export function createSwaggerUiRouter(): Router {
  const router = Router();
  router.get('/docs/swagger-initializer.js', (_request, response) => {
    response.type('application/javascript').send(INITIALIZER);
  });
  router.use('/docs', express.static(assets, { index: 'index.html', maxAge: '1h' }));
  return router;
}
