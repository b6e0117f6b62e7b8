{{/*
The label by which everything of ours is found, whatever the release is called.
*/}}
{{- define "harbor-pilot.name" -}}
app.kubernetes.io/name: harbor-pilot
{{- end }}

{{/* Never changes in the life of a release: a Deployment's selector can't. */}}
{{- define "harbor-pilot.selector" -}}
{{ include "harbor-pilot.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "harbor-pilot.labels" -}}
{{ include "harbor-pilot.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "harbor-pilot.image" -}}
{{- with .Values.image -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end }}

{{/*
The platform's namespaces that must come up while we are down, by profile: network, DNS, storage,
the cloud's controllers, and what manages nodes and the control plane.

tanzu: the namespaces that the platform itself exempts from Pod Security Admission are kube-system,
  tkg-system and vmware-system-cloud-provider (techdocs.broadcom.com, vSphere Kubernetes Service,
  "Configure PSA for TKR 1.25 and Later"). vmware-system-csi is in the manifests of
  kubernetes-sigs/vsphere-csi-driver. vmware-system-antrea (network), vmware-system-auth (logging
  in) and vmware-system-tkg (nodes) stand in every cluster that the Supervisor makes.
openshift: the namespaces of network, DNS, storage, API servers, etcd, nodes and logging in, each in
  the manifests of the repository github.com/openshift/cluster-*-operator that it belongs to.
rke2: tigera-operator is exempt from Pod Security Admission by rancher/rke2, pkg/rke2/psa.go; the
  others are those of Calico, Rancher's agents and Longhorn in the list of exemptions at
  ranchermanager.docs.rancher.com, "Sample PodSecurityConfiguration".
*/}}
{{- define "harbor-pilot.profiles" -}}
generic: []
tanzu:
- tkg-system
- vmware-system-antrea
- vmware-system-auth
- vmware-system-cloud-provider
- vmware-system-csi
- vmware-system-tkg
openshift:
- openshift-apiserver
- openshift-apiserver-operator
- openshift-authentication
- openshift-authentication-operator
- openshift-cloud-controller-manager
- openshift-cloud-controller-manager-operator
- openshift-cloud-network-config-controller
- openshift-cluster-csi-drivers
- openshift-cluster-machine-approver
- openshift-cluster-storage-operator
- openshift-cluster-version
- openshift-controller-manager
- openshift-controller-manager-operator
- openshift-dns
- openshift-dns-operator
- openshift-etcd
- openshift-etcd-operator
- openshift-ingress
- openshift-ingress-operator
- openshift-kube-apiserver
- openshift-kube-apiserver-operator
- openshift-kube-controller-manager
- openshift-kube-controller-manager-operator
- openshift-kube-scheduler
- openshift-kube-scheduler-operator
- openshift-machine-api
- openshift-machine-config-operator
- openshift-multus
- openshift-network-operator
- openshift-oauth-apiserver
- openshift-operator-lifecycle-manager
- openshift-ovn-kubernetes
- openshift-route-controller-manager
- openshift-service-ca
- openshift-service-ca-operator
rke2:
- calico-apiserver
- calico-system
- cattle-fleet-system
- cattle-system
- longhorn-system
- tigera-operator
{{- end }}

{{/* Namespaces whose Pods never come to us, as YAML: exact names, sorted, each once. */}}
{{- define "harbor-pilot.exempt" -}}
{{- $profile := get (include "harbor-pilot.profiles" . | fromYaml) .Values.profile -}}
{{- $ours := list "kube-system" "kube-node-lease" .Release.Namespace -}}
{{- if eq .Values.tls.mode "certManager" -}}
{{- /* It could not make the certificate without which its Pods can't be created. */ -}}
{{- $ours = append $ours .Values.tls.certManager.namespace -}}
{{- end -}}
{{- concat $ours $profile .Values.harborNamespaces .Values.exemptNamespaces | uniq | sortAlpha | toYaml -}}
{{- end }}

{{/*
False for a mirror Pod by the kubelet that runs it already, and for nothing else: the annotation
alone is anyone's.
*/}}
{{- define "harbor-pilot.notAMirrorPod" -}}
!('kubernetes.io/config.mirror' in object.metadata.?annotations.orValue({})
&& 'system:nodes' in request.userInfo.groups
&& request.userInfo.username == 'system:node:' + object.spec.?nodeName.orValue(''))
{{- end }}

{{/*
A webhook's rules for Pods: exactly these. `pods/*` would catch bindings and status, and stop a
cluster.
*/}}
{{- define "harbor-pilot.pods" -}}
rules:
- operations: [CREATE, UPDATE]
  apiGroups: [""]
  apiVersions: [v1]
  resources: [pods]
- operations: [UPDATE]
  apiGroups: [""]
  apiVersions: [v1]
  resources: [pods/ephemeralcontainers]
matchConditions:
- name: not-a-mirror-pod-of-its-node
  expression: {{ include "harbor-pilot.notAMirrorPod" . | replace "\n" " " | quote }}
{{- end }}

{{/* How each webhook is called. Called with the root and the path. */}}
{{- define "harbor-pilot.call" -}}
{{- $root := index . 0 -}}
clientConfig:
  service:
    name: harbor-pilot
    namespace: {{ $root.Release.Namespace }}
    path: {{ index . 1 }}
    port: 443
  {{- with $root.Values.tls.caBundle }}
  caBundle: {{ . | b64enc }}
  {{- end }}
admissionReviewVersions: [v1]
sideEffects: None
timeoutSeconds: 5
{{- end }}

{{/* What the webhooks for Pods and their like have. Called with the root and the path. */}}
{{- define "harbor-pilot.webhook" -}}
{{- $root := index . 0 -}}
{{ include "harbor-pilot.call" . }}
namespaceSelector:
  matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values:
    {{- include "harbor-pilot.exempt" $root | nindent 4 }}
{{- end }}

{{/*
Annotations of the two configurations. With cert-manager, its injector owns `caBundle`: the chart
writes it in the one upgrade from another mode alone, and never takes away what the injector wrote.
*/}}
{{- define "harbor-pilot.registrationAnnotations" -}}
{{- if eq .Values.tls.mode "certManager" }}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/harbor-pilot
{{- end }}
{{- end }}
