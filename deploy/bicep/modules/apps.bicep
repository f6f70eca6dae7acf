// The intake and the worker on Container Apps.
import { identity, setting } from 'types.bicep'

param name string
param location string
param image string
param registryServer string
param intake identity
param worker identity
param scaler identity
param appRegistration { clientId: string, principalId: string, secretUri: string }
@secure()
param intakeKeys string
@secure()
param pagingWebhooks string
@secure()
param pagingWebhookSecrets string
@secure()
param linkSecret string
param intakeAddress string
param serviceBusName string
param queueName string
param slots int
param workersAtLeast int
param workersAtMost int
param otlpEndpoint string
param applicationInsights bool
param settings setting[]
param workerSettings setting[]

var registered = !empty(appRegistration.clientId)
var withSecret = !empty(appRegistration.secretUri)

module environment 'environment.bicep' = {
  name: 'environment'
  params: { name: name, location: location }
}

module collector 'collector.bicep' = if (applicationInsights) {
  name: 'collector'
  params: {
    name: name
    location: location
    environmentId: environment.outputs.id
    workspaceId: environment.outputs.workspaceId
  }
}

var collectorUrl = applicationInsights ? collector!.outputs.url : otlpEndpoint
var telemetry = empty(collectorUrl) ? [] : [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: collectorUrl }]

// A page carries a link to the intake only where both are set, and both parts know both.
var intakeUrl = empty(intakeAddress) ? 'https://${name}-intake.${environment.outputs.domain}' : intakeAddress
var linkSecrets = empty(linkSecret) ? [] : [{ name: 'link-secret', value: linkSecret }]
var links = empty(linkSecret)
  ? []
  : [
      { name: 'TOCSIN_INTAKE_URL', value: intakeUrl }
      { name: 'TOCSIN_LINK_SECRET', secretRef: 'link-secret' }
    ]
var pagerSecrets = empty(pagingWebhooks)
  ? []
  : [
      { name: 'paging-webhooks', value: pagingWebhooks }
      { name: 'paging-webhook-secrets', value: pagingWebhookSecrets }
    ]
var pagers = empty(pagingWebhooks)
  ? []
  : [
      { name: 'TOCSIN_PAGING_WEBHOOKS', secretRef: 'paging-webhooks' }
      { name: 'TOCSIN_PAGING_WEBHOOK_SECRETS', secretRef: 'paging-webhook-secrets' }
    ]

resource intakeApp 'Microsoft.App/containerApps@2025-07-01' = {
  name: '${name}-intake'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${intake.id}': {} } }
  properties: {
    environmentId: environment.outputs.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: true, targetPort: 8080, transport: 'http', allowInsecure: false }
      registries: empty(registryServer) ? [] : [{ server: registryServer, identity: intake.id }]
      secrets: concat([{ name: 'intake-keys', value: intakeKeys }], linkSecrets)
    }
    template: {
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'intake'
          image: image
          args: ['intake', '--host', '0.0.0.0', '--port', '8080']
          env: concat(settings, links, telemetry, [
            { name: 'AZURE_CLIENT_ID', value: intake.clientId }
            { name: 'TOCSIN_INTAKE_KEYS', secretRef: 'intake-keys' }
          ])
          resources: { cpu: json('0.5'), memory: '1Gi' }
          probes: [
            { type: 'Startup', httpGet: { path: '/livez', port: 8080 }, periodSeconds: 3, failureThreshold: 10, timeoutSeconds: 5 }
            { type: 'Liveness', httpGet: { path: '/livez', port: 8080 }, periodSeconds: 10, timeoutSeconds: 5 }
            { type: 'Readiness', httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 5, timeoutSeconds: 5 }
          ]
        }
      ]
      scale: {
        minReplicas: 2
        maxReplicas: 5
        rules: [{ name: 'requests', http: { metadata: { concurrentRequests: '50' } } }]
      }
    }
  }
}

resource workerApp 'Microsoft.App/containerApps@2025-07-01' = {
  name: '${name}-worker'
  location: location
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${worker.id}': {}, '${scaler.id}': {} } }
  properties: {
    environmentId: environment.outputs.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      registries: empty(registryServer) ? [] : [{ server: registryServer, identity: worker.id }]
      secrets: concat(
        linkSecrets,
        pagerSecrets,
        withSecret ? [{ name: 'app-secret', keyVaultUrl: appRegistration.secretUri, identity: worker.id }] : []
      )
      identitySettings: [{ identity: scaler.id, lifecycle: 'None' }] // for the platform, not for the container
    }
    template: {
      terminationGracePeriodSeconds: 60 // a worker drains within 25
      containers: [
        {
          name: 'worker'
          image: image
          args: ['work']
          env: concat(
            settings,
            workerSettings,
            links,
            pagers,
            telemetry,
            [{ name: 'AZURE_CLIENT_ID', value: registered ? appRegistration.clientId : worker.clientId }],
            withSecret
              ? [
                  { name: 'AZURE_TENANT_ID', value: tenant().tenantId }
                  { name: 'AZURE_CLIENT_SECRET', secretRef: 'app-secret' }
                ]
              : []
          )
          resources: { cpu: json('0.5'), memory: '1Gi' }
          probes: [
            { type: 'Startup', httpGet: { path: '/livez', port: 8082 }, periodSeconds: 3, failureThreshold: 10, timeoutSeconds: 5 }
            { type: 'Liveness', httpGet: { path: '/livez', port: 8082 }, periodSeconds: 10, timeoutSeconds: 5 }
            { type: 'Readiness', httpGet: { path: '/readyz', port: 8082 }, periodSeconds: 5, timeoutSeconds: 5 }
          ]
        }
      ]
      scale: {
        minReplicas: workersAtLeast // never zero: nobody who is waiting for an incident waits for a start as well
        maxReplicas: workersAtMost
        pollingInterval: 15
        cooldownPeriod: 300
        rules: [
          {
            name: 'incidents'
            custom: {
              type: 'azure-servicebus'
              identity: scaler.id
              metadata: {
                namespace: serviceBusName
                queueName: queueName
                messageCount: string(slots) // messages that are being handled are counted too
              }
            }
          }
        ]
      }
    }
  }
}

output intakeUrl string = 'https://${intakeApp.properties.configuration.ingress.fqdn}'
