export function keepArchitecture(
  file: Buffer,
  architecture: number,
): { readonly zeroedBytes: number; readonly keptBytes: number };
