import { loadConfig } from '../../config.ts';
import { examine, type ExamineOptions, type Finding } from '../../doctor/doctor.ts';

/** What the doctor finds, without asking the DNS. */
export async function doctor(env: Record<string, string>, options: Partial<ExamineOptions> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const one of examine(() => loadConfig({ env }), { dns: false, ...options })) found.push(one);
  return found;
}

export const bad = (findings: Finding[]): Finding[] => findings.filter((f) => f.level !== 'ok');
