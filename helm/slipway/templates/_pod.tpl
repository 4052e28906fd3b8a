{{/*
A container that runs slipway, for the initContainers (or containers) of any pod:

  initContainers:
    {{- include "slipway.initContainer" (dict "values" .Values.slipway) | nindent 8 }}

values   this chart's values: `.Values` here, `.Values.slipway` in a chart that depends on it
args     what slipway is to do; default [upgrade]
name     the container's name; default "slipway"

The pod needs the volumes of "slipway.volumes" and the settings of "slipway.podSecurityContext".
*/}}
{{- define "slipway.initContainer" -}}
{{- $values := .values -}}
- name: {{ .name | default "slipway" }}
  image: {{ include "slipway.image" $values.image | quote }}
  imagePullPolicy: {{ $values.image.pullPolicy }}
  command: {{ toJson $values.command }}
  args: {{ toJson (.args | default (list "upgrade")) }}
  env:
    - name: DATABASE_URL_FILE
      value: /var/run/secrets/slipway/{{ $values.database.key }}
    - name: SLIPWAY_RELEASE
      value: {{ include "slipway.image" $values.image | quote }}
    - name: POD_NAME
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    - name: POD_NAMESPACE
      valueFrom:
        fieldRef:
          fieldPath: metadata.namespace
    - name: POD_UID
      valueFrom:
        fieldRef:
          fieldPath: metadata.uid
    - name: NODE_NAME
      valueFrom:
        fieldRef:
          fieldPath: spec.nodeName
    - name: POD_TEMPLATE_HASH
      valueFrom:
        fieldRef:
          fieldPath: metadata.labels['pod-template-hash']
    {{- range $name, $value := $values.settings }}
    - name: {{ $name }}
      value: {{ $value | quote }}
    {{- end }}
  terminationMessagePolicy: FallbackToLogsOnError
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities:
      drop: [ALL]
    seccompProfile:
      type: RuntimeDefault
  {{- with $values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: slipway-database
      mountPath: /var/run/secrets/slipway
      readOnly: true
    - name: slipway-tmp
      mountPath: /tmp
    {{- if $values.rbac.create }}
    - name: slipway-token
      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
      readOnly: true
    {{- end }}
{{- end }}

{{/*
The same as a native sidecar: it gates the containers behind it, and stays for probes and metrics.

  initContainers:
    {{- include "slipway.sidecar" (dict "values" .Values.slipway) | nindent 8 }}

Arguments as of "slipway.initContainer"; args default to [serve]. The startup probe gives an upgrade
15 minutes.
*/}}
{{- define "slipway.sidecar" -}}
{{ include "slipway.initContainer" (dict "values" .values "name" .name "args" (.args | default (list "serve"))) }}
  restartPolicy: Always
  ports:
    - name: metrics
      containerPort: 9400
  startupProbe:
    httpGet:
      path: /startupz
      port: metrics
    periodSeconds: 2
    timeoutSeconds: 3
    failureThreshold: 450
  livenessProbe:
    httpGet:
      path: /livez
      port: metrics
    periodSeconds: 20
    timeoutSeconds: 5
    failureThreshold: 3
  readinessProbe:
    httpGet:
      path: /readyz
      port: metrics
    periodSeconds: 10
    timeoutSeconds: 3
    failureThreshold: 3
{{- end }}

{{/* The volumes that "slipway.initContainer" mounts. Argument: the same dict. */}}
{{- define "slipway.volumes" -}}
{{- $values := .values -}}
- name: slipway-database
  secret:
    secretName: {{ required "database.existingSecret is required: a Secret with the owner's connection string" $values.database.existingSecret }}
    defaultMode: 0440
- name: slipway-tmp
  emptyDir:
    sizeLimit: 64Mi
{{- if $values.rbac.create }}
- name: slipway-token
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3600
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
      - downwardAPI:
          items:
            - path: namespace
              fieldRef:
                fieldPath: metadata.namespace
{{- end }}
{{- end }}

{{/* The pod's part of restricted Pod Security; fsGroup lets slipway read the Secret's file. */}}
{{- define "slipway.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* The image's full name; a digest wins over a tag. Argument: the image's values. */}}
{{- define "slipway.image" -}}
{{- $repository := required "image.repository is required: an image with slipway and your release bundle" .repository }}
{{- if .digest }}
{{- printf "%s@%s" $repository .digest }}
{{- else }}
{{- printf "%s:%s" $repository (required "image.tag or image.digest is required: the release" .tag) }}
{{- end }}
{{- end }}

{{/* A whole pod spec that runs slipway once. Arguments: root, args. */}}
{{- define "slipway.podSpec" -}}
{{- $pod := dict "values" .root.Values "args" .args "name" "migrate" -}}
restartPolicy: Never
serviceAccountName: {{ include "slipway.serviceAccountName" .root }}
automountServiceAccountToken: false
terminationGracePeriodSeconds: 30
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "slipway.podSecurityContext" . | nindent 2 }}
containers:
  {{- include "slipway.initContainer" $pod | nindent 2 }}
volumes:
  {{- include "slipway.volumes" $pod | nindent 2 }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
