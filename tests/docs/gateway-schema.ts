import { jsonSchemaOf } from '../../api-gateway/src/declaration/json-schema.ts';
import { STANDARD_PLUGINS } from '../../api-gateway/src/plugins/index.ts';

/** `api-gateway/gateway.schema.json`: what editors complete a configuration by. */
export const gatewaySchema = () => `${JSON.stringify(jsonSchemaOf(STANDARD_PLUGINS), null, 1)}\n`;
