import { createAccess } from './access.ts';
import { correspondenceUsecases } from './correspondence.usecases.ts';
import { documentsRepository } from './documents.repository.ts';
import { documentUsecases } from './documents.usecases.ts';
import { fileUsecases } from './files.usecases.ts';
import { linksRepository } from './links.repository.ts';
import type { DocumentsDeps, Parts } from './parts.ts';
import type { Documents } from './types.ts';
import { webhooksRepository } from './webhooks.repository.ts';
import { handleWebhooks, webhookUsecases } from './webhooks.usecases.ts';

export function createDocuments(deps: DocumentsDeps): Documents {
  const parts: Parts = {
    ...deps,
    documents: documentsRepository(deps.db),
    links: linksRepository(deps.db),
    hooks: webhooksRepository(deps.db),
    access: createAccess(deps.directory),
  };
  handleWebhooks(parts);
  return {
    ...documentUsecases(parts),
    ...fileUsecases(parts),
    ...correspondenceUsecases(parts),
    ...webhookUsecases(parts),
  };
}
