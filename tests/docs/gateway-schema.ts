import { createJsonSchema } from '../../api-gateway/src/kong-config/json-schema.ts';
import { STANDARD_PLUGINS } from '../../api-gateway/src/plugins/index.ts';

/** `api-gateway/gateway.schema.json`: what editors complete a configuration by. */
export const renderGatewaySchema = () => `${JSON.stringify(createJsonSchema(STANDARD_PLUGINS), null, 1)}\n`;
