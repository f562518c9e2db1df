import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The path of an executable: `name` in one of PATH's folders or in `elsewhere`. */
export async function findProgram(name: string, ...elsewhere: string[]): Promise<string | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...elsewhere];
  for (const folder of folders) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
