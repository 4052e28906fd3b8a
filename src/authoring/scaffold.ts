/** The files that `slipway init` writes. */

export interface ScaffoldFile {
  readonly path: string;
  readonly content: string;
}

/** Files for a new project whose revisions live in `dir`. */
export function scaffold(dir: string): readonly ScaffoldFile[] {
  return [
    { path: `${dir}/README.md`, content: revisionsReadme(dir) },
    { path: 'schema/README.md', content: SCHEMA_README },
    { path: 'slipway.config.json', content: `${JSON.stringify({ dir }, null, 2)}\n` },
    { path: 'slipway.Dockerfile', content: dockerfile(dir) },
    { path: 'k8s/slipway-init-container.yaml', content: INIT_CONTAINER },
  ];
}

function revisionsReadme(dir: string): string {
  return `# Revisions

Each file is one revision of the database. Write a new one with

    slipway revision -m "add phone to users"

and fill in its sections: \`up\` changes the schema, \`verify\` (optional) asks whether it worked,
\`down\` takes it back. Never edit a revision that has been applied anywhere: write another one.

    slipway check-files         # what is wrong with the files; for CI and pre-commit, too
    slipway upgrade --dry-run   # what would run
    slipway upgrade             # run it
    slipway downgrade -1        # take the last one back

The folder is \`${dir}\`; the graph is in the headers, the file names are for people.
`;
}

const SCHEMA_README = `# Desired schema

SQL files here say what the database should look like: the source from which revisions can be
compared. The revisions are what runs.
`;

function dockerfile(dir: string): string {
  return `# Lines for your own Dockerfile: slipway in your image, with the release bundle built in.
ARG SLIPWAY_IMAGE=slipway:latest
FROM \${SLIPWAY_IMAGE} AS slipway

FROM node:24-bookworm-slim
COPY --from=slipway /opt/slipway /opt/slipway
WORKDIR /app
COPY ${dir} ./${dir}
RUN ["node", "/opt/slipway/slipway.cjs", "build", "--dir", "${dir}", "--out", "/app/release.bundle"]
ENV SLIPWAY_BUNDLE=/app/release.bundle
# As an entrypoint: migrate, then become the application.
# ENTRYPOINT ["node", "/opt/slipway/slipway.cjs", "run", "--"]
# CMD ["node", "server.js"]
`;
}

const INIT_CONTAINER = `# Paste into spec.template.spec of a Deployment: the application's own image migrates first.
initContainers:
  - name: migrate
    image: REPLACE-WITH-YOUR-IMAGE
    command: ["node", "/opt/slipway/slipway.cjs", "upgrade"]
    env:
      - name: SLIPWAY_BUNDLE
        value: /app/release.bundle
      - name: DATABASE_URL_FILE
        value: /var/run/secrets/database/url
      - name: POD_NAME
        valueFrom: { fieldRef: { fieldPath: metadata.name } }
      - name: POD_NAMESPACE
        valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
      - name: NODE_NAME
        valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
    terminationMessagePolicy: FallbackToLogsOnError
    volumeMounts:
      - { name: database, mountPath: /var/run/secrets/database, readOnly: true }
    resources:
      requests: { cpu: 50m, memory: 64Mi }
      limits: { memory: 256Mi }
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      runAsNonRoot: true
      capabilities: { drop: [ALL] }
      seccompProfile: { type: RuntimeDefault }
volumes:
  - name: database
    secret: { secretName: REPLACE-WITH-YOUR-SECRET }
`;
