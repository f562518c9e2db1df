import { Router } from 'express';

/** Answers Consul's unsupported endpoints with a message: a plain 404 would mean that there is no such service. */
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
