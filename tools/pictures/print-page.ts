import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requirePackage } from './grafana.ts';
import { MOST_BYTES } from './size-limit.ts';

const sharp = requirePackage('sharp') as typeof import('sharp').default;

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--hide-scrollbars',
  '--no-first-run',
  '--disable-background-networking',
];

/**
 * Prints a page of HTML as a PNG with as many colours as the size limit allows, and returns its bytes.
 * @throws Error if Chromium fails, or the picture is too large even in 16 colours
 */
export async function printPage(html: string, size: { width: number; height: number }, file: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    const [page, shot] = [join(folder, 'page.html'), join(folder, 'page.png')];
    writeFileSync(page, html);
    const window = [`--window-size=${size.width},${size.height}`, `--screenshot=${shot}`];
    const profile = `--user-data-dir=${join(folder, 'profile')}`;
    await promisify(execFile)(process.env.CHROMIUM ?? 'chromium', [...flags, profile, ...window, `file://${page}`]);
    return await compress(shot, file);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function compress(shot: string, file: string): Promise<number> {
  for (const colours of [256, 128, 96, 64, 48, 32, 16]) {
    const png = await sharp(shot)
      .png({ palette: true, colours, dither: 0, effort: 10, compressionLevel: 9 })
      .toBuffer();
    if (png.length > MOST_BYTES) continue;
    writeFileSync(file, png);
    return png.length;
  }
  throw new Error(
    `${file} has more than ${MOST_BYTES} bytes even in 16 colours: show fewer panels or a shorter window`,
  );
}
