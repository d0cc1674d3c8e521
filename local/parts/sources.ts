import { join } from 'node:path';

const folder = join(import.meta.dirname, '..');

/** Folders of our own go.mod and pom.xml files, which pin what a build is made from. */
export const goModule = (name: string): string => join(folder, 'go', name);
export const mavenProject = (name: string): string => join(folder, 'maven', name);
