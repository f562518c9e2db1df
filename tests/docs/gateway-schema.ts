import { createJsonSchema } from '../../api-gateway/src/kong-config/json-schema.ts';
import { STANDARD_PLUGINS } from '../../api-gateway/src/plugins/index.ts';

/** The text of `api-gateway/gateway.schema.json`, with which editors complete a configuration. */
export const renderGatewaySchema = () => `${JSON.stringify(createJsonSchema(STANDARD_PLUGINS), null, 1)}\n`;
