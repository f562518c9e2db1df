import { styleText } from 'node:util';

/** The only writer to the terminal: permanent lines, and below them the current steps. */
export interface TerminalRenderer {
  line(text?: string): void;
  /** Begins a step, such as "Redis", and its clock. */
  startStep(title: string): ProgressStep;
  /** A printer for the lines of one source, with the source's name in its colour. */
  createSourcePrinter(name: string): (line: string) => void;
}

export interface ProgressStep {
  /** The current activity of a long step. */
  update(activity: string): void;
  succeed(result: string): void;
  fail(reason: string): void;
}

type Style = Parameters<typeof styleText>[0];

/** Colours of sources, in turn; red and green are reserved for results. */
const palette = ['cyan', 'magenta', 'yellow', 'blue', 'cyanBright', 'magentaBright'] as const;
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

export const bold = (text: string): string => styleText('bold', text);
export const dim = (text: string): string => styleText('dim', text);
export const red = (text: string): string => styleText('red', text);
export const green = (text: string): string => styleText('green', text);
export const yellow = (text: string): string => styleText('yellow', text);

/** Whether stdout is a terminal with colours, and NO_COLOR is not set. */
export function hasColours(): boolean {
  return process.stdout.isTTY && process.stdout.hasColors();
}

/** `width` is that of the longest title or name. Colours follow NO_COLOR and FORCE_COLOR; only a TTY gets a spinner. */
export function createTerminalRenderer(
  width: number,
  out: NodeJS.WriteStream = process.stdout,
): TerminalRenderer {
  const open = new Set<{ title: string; activity: string; start: number }>();
  let drawn = 0;
  let frame = 0;
  let spinner: NodeJS.Timeout | undefined;
  let sources = 0;

  function draw(): void {
    if (!out.isTTY) return;
    const spin = frames[frame % frames.length] ?? '';
    for (const { title, activity, start } of open) {
      const text = `  ${spin} ${title.padEnd(width)}  ${formatSeconds(start)} ${activity}`;
      out.write(`${dim(text.slice(0, out.columns - 1))}\n`);
    }
    drawn = open.size;
  }

  function erase(): void {
    if (drawn > 0) out.write(`\u001B[${drawn}A\u001B[J`);
    drawn = 0;
  }

  function line(text = ''): void {
    erase();
    out.write(`${text}\n`);
    draw();
  }

  function spin(): void {
    frame += 1;
    erase();
    draw();
  }

  return {
    line,
    startStep(title) {
      const step = { title, activity: '', start: performance.now() };
      open.add(step);
      if (out.isTTY) spinner ??= setInterval(spin, 100).unref();
      const close = (mark: string, text: string): void => {
        open.delete(step);
        line(`  ${mark} ${title.padEnd(width)}  ${dim(formatSeconds(step.start))} ${text}`);
        if (open.size > 0) return;
        clearInterval(spinner);
        spinner = undefined;
      };
      return {
        update(activity) {
          step.activity = activity;
          if (!out.isTTY) line(`  · ${title.padEnd(width)}  ${dim(formatSeconds(step.start))} ${activity}`);
        },
        succeed: (result) => close(green('✓'), result),
        fail: (reason) => close(red('✗'), reason),
      };
    },
    createSourcePrinter(name) {
      const style: Style = palette[sources++ % palette.length] ?? 'cyan';
      const prefix = styleText(style, `${name.padEnd(width)} │`);
      return (text) => line(`${prefix} ${text}`);
    },
  };
}

function formatSeconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1).padStart(5)} s`;
}
