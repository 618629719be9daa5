/**
 * The layers. Imports run downward only:
 * base, db, blobs, message -> jobs, audit -> domain -> delivery -> faces -> main, cli.
 */
const ground = '^src/(base|db|blobs|message)/';
const services = '^src/(jobs|audit)/';
const domain = '^src/(directory|mailstore|signing|documents|policy)/';
const delivery = '^src/delivery/';
const faces = '^src/(smtp|imap-lite|jmap|web)/';
const top = '^src/(main|config|parts)\\.ts$|^src/(cli|demo)/';
// A test stands beside its subject and may bring up more than the subject may see.
const notTest = '(\\.test\\.tsx?$|\\.contract\\.ts$|/testing/)';
const rule = (name, from, to, extra = {}) => ({ name, severity: 'error', from: { path: from, pathNot: notTest }, to: { path: to, ...extra } });
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    rule('ground-knows-nothing-above', ground, [services, domain, delivery, faces, top]),
    rule('services-know-only-ground', services, [domain, delivery, faces, top]),
    rule('domain-knows-no-delivery-or-face', domain, [delivery, faces, top]),
    rule('delivery-knows-no-face', delivery, [faces, top]),
    rule('faces-know-no-main', faces, top),
    { name: 'faces-never-import-each-other', severity: 'error', from: { path: '^src/(smtp|imap-lite|jmap|web)/', pathNot: notTest }, to: { path: faces, pathNot: '^src/$1/' } },
    rule('client-imports-only-api-types', '^src/web/client/', '^src/(?!web/client/|base/(api-types|text)\.ts)'),
    { name: 'drizzle-only-in-repositories', severity: 'error', from: { path: '^src/', pathNot: [notTest, '\\.repository\\.ts$', '^src/db/', '^src/blobs/', '/repository/'] }, to: { path: 'node_modules/drizzle-orm' } },
    { name: 'message-is-pure', severity: 'error', from: { path: '^src/message/', pathNot: notTest }, to: { path: '^src/(db|blobs)/' } },
    { name: 'wire-imports-nothing-of-ours', severity: 'error', from: { path: '^src/imap-lite/wire/', pathNot: notTest }, to: { path: '^src/', pathNot: '^src/(imap-lite/wire|base)/' } },
    { name: 'tests-only-from-tests', severity: 'error', from: { path: '^src/', pathNot: notTest }, to: { path: notTest } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
