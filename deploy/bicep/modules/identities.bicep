// One identity for each part, so that each may do its own work and nothing else.
import { identity } from 'types.bicep'

param name string
param location string
param kubernetesIssuer string
param kubernetesNamespace string

resource intake 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-intake'
  location: location
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-worker'
  location: location
}

resource scaler 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${name}-scaler'
  location: location
}

// On Kubernetes a service account is the identity: no secret is stored anywhere.
resource intakeOnKubernetes 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = if (!empty(kubernetesIssuer)) {
  parent: intake
  name: 'kubernetes'
  properties: {
    issuer: kubernetesIssuer
    subject: 'system:serviceaccount:${kubernetesNamespace}:tocsin-intake'
    audiences: ['api://AzureADTokenExchange']
  }
}

resource workerOnKubernetes 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = if (!empty(kubernetesIssuer)) {
  parent: worker
  name: 'kubernetes'
  properties: {
    issuer: kubernetesIssuer
    subject: 'system:serviceaccount:${kubernetesNamespace}:tocsin-worker'
    audiences: ['api://AzureADTokenExchange']
  }
}

// It is KEDA's operator that counts, under the service account it was installed with.
resource scalerOnKubernetes 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = if (!empty(kubernetesIssuer)) {
  parent: scaler
  name: 'kubernetes'
  properties: {
    issuer: kubernetesIssuer
    subject: 'system:serviceaccount:keda:keda-operator'
    audiences: ['api://AzureADTokenExchange']
  }
}

output intake identity = { id: intake.id, clientId: intake.properties.clientId, principalId: intake.properties.principalId }
output worker identity = { id: worker.id, clientId: worker.properties.clientId, principalId: worker.properties.principalId }
output scaler identity = { id: scaler.id, clientId: scaler.properties.clientId, principalId: scaler.properties.principalId }
