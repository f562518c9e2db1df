import { Router } from 'express';
import type { HealthCheckRegistry } from '../health.ts';
import type { Metrics } from '../metrics.ts';

/** `/health` for a person, `/health/live` and `/health/ready` for what runs us, `/metrics` for Prometheus. */
export function createHealthAndMetricsRouter(health: HealthCheckRegistry, metrics: Metrics): Router {
  const router = Router();
  router.get('/health', async (_request, response) => {
    const report = await health.report();
    response.status(report.status === 'healthy' ? 200 : 503).json(report);
  });
  router.get('/health/live', (_request, response) => {
    response.json({ status: 'live' });
  });
  router.get('/health/ready', async (_request, response) => {
    const { ready, reasons } = await health.ready();
    response.status(ready ? 200 : 503).json(ready ? { status: 'ready' } : { status: 'not ready', reasons });
  });
  router.get('/metrics', async (_request, response) => {
    const { contentType, text } = await metrics.expose();
    response.set('Content-Type', contentType).send(text);
  });
  return router;
}
