import { Router } from 'express';

/** Says of what Consul has and this registry has not that it is so, in words, where a 404 would say that there is no such service. */
export function unsupportedEndpointsRouter(): Router {
  const router = Router();
  router.all('/v1/{*path}', (request, response) => {
    response
      .status(501)
      .type('text/plain')
      .send(
        `${request.method} ${request.path} is a part of Consul's API that this registry does not have; /docs lists those that it has.`,
      );
  });
  return router;
}
