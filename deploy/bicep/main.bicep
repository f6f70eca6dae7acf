// Everything Tocsin needs in Azure: the queue, the tables, one identity for each part with the least it can do with,
// and, unless you run it on Kubernetes, the intake and the worker on Container Apps.
targetScope = 'resourceGroup'

@description('Begins every name.')
@minLength(3)
@maxLength(20)
param name string = 'tocsin'

param location string = resourceGroup().location

@description('The image, such as registry.example/tocsin:0.1.0.')
param image string

@description('The registry of the image, where the identities of intake and worker may pull; empty for a public one.')
param registryServer string = ''

@description('The people who use the command line, as one group of Entra; empty for nobody.')
param operatorsGroupId string = ''

@description('Keys of the senders: name=SHA-256 of the key in hexadecimal, separated by commas.')
@secure()
param intakeKeys string

@description('What senders may see and end beyond what they told themselves, and at which rate, as YAML or JSON on one line; empty for the defaults.')
param intakeSenders string = ''

@description('The Communication Services resource that sends SMS, where the worker has the role Communication and Email Service Owner; empty for none.')
param smsEndpoint string = ''

@description('The number or name that SMS come from.')
param smsFrom string = ''

@description('Pagers that are told by a signed POST: name=https://…, separated by commas; empty for none.')
@secure()
param pagingWebhooks string = ''

@description('What each of them is signed with: name=secret, separated by commas.')
@secure()
param pagingWebhookSecrets string = ''

@description('What links to acknowledge by are signed with, of at least 16 characters; empty for no links.')
@secure()
param linkSecret string = ''

@description('Where people reach the intake; empty for the address that Container Apps gives it.')
param intakeAddress string = ''

@description('The organisation, such as https://dev.azure.com/example.')
param boardsUrl string
param boardsProject string = 'Incidents'
param boardsWorkItemType string = 'Issue'

@description('The field that holds the incident key, such as Custom.IncidentKey; empty for none.')
param boardsKeyField string = ''

param teamsTeamId string

@description('Where the Bot Connector of your region listens.')
param botServiceUrl string = 'https://smba.trafficmanager.net/emea'

@description('The app registration that the worker acts as in Teams, which resource-specific consent asks for: see the page of steps. Left empty, the worker is its managed identity everywhere.')
param appRegistration {
  clientId: string
  @description('The object id of its service principal, not of the registration.')
  principalId: string
  @description('The address of its client secret in a Key Vault that the worker\'s managed identity may read; for Container Apps.')
  secretUri: string
} = { clientId: '', principalId: '', secretUri: '' }

@description('The issuer of the service account tokens of your cluster; empty without Kubernetes.')
param kubernetesIssuer string = ''
param kubernetesNamespace string = 'tocsin'

@description('Whether the intake and the worker run on Container Apps.')
param containerApps bool = true

@description('What one worker handles at a time, and so what is scaled by.')
@minValue(1)
@maxValue(64)
param slots int = 4

@description('2 stand in two zones.')
@minValue(1)
param workersAtLeast int = 1
param workersAtMost int = 10

@description('Where an OpenTelemetry collector takes OTLP over HTTP; empty for none.')
param otlpEndpoint string = ''

@description('Send traces and metrics to Application Insights, through a collector of their own; Container Apps only.')
param applicationInsights bool = false

module identities 'modules/identities.bicep' = {
  name: 'identities'
  params: {
    name: name
    location: location
    kubernetesIssuer: kubernetesIssuer
    kubernetesNamespace: kubernetesNamespace
  }
}

var registered = !empty(appRegistration.clientId)
var operators = empty(operatorsGroupId) ? [] : [{ principalId: operatorsGroupId, principalType: 'Group' }]

module queue 'modules/queue.bicep' = {
  name: 'queue'
  params: {
    name: name
    location: location
    senders: concat(
      [
        { principalId: identities.outputs.intake.principalId, principalType: 'ServicePrincipal' }
        {
          principalId: registered ? appRegistration.principalId : identities.outputs.worker.principalId
          principalType: 'ServicePrincipal'
        }
      ],
      operators
    )
    receivers: concat(
      [
        {
          principalId: registered ? appRegistration.principalId : identities.outputs.worker.principalId
          principalType: 'ServicePrincipal'
        }
      ],
      operators
    )
    counters: [{ principalId: identities.outputs.scaler.principalId, principalType: 'ServicePrincipal' }]
  }
}

module tables 'modules/tables.bicep' = {
  name: 'tables'
  params: {
    name: name
    location: location
    writers: concat(
      [
        {
          principalId: registered ? appRegistration.principalId : identities.outputs.worker.principalId
          principalType: 'ServicePrincipal'
        }
      ],
      operators
    )
    intakes: [{ principalId: identities.outputs.intake.principalId, principalType: 'ServicePrincipal' }]
  }
}

module bot 'modules/bot.bicep' = {
  name: 'bot'
  params: {
    name: name
    appId: registered ? appRegistration.clientId : identities.outputs.worker.clientId
    appType: registered ? 'SingleTenant' : 'UserAssignedMSI'
    identityId: registered ? '' : identities.outputs.worker.id
  }
}

module apps 'modules/apps.bicep' = if (containerApps) {
  name: 'apps'
  params: {
    name: name
    location: location
    image: image
    registryServer: registryServer
    intake: identities.outputs.intake
    worker: identities.outputs.worker
    scaler: identities.outputs.scaler
    appRegistration: appRegistration
    intakeKeys: intakeKeys
    pagingWebhooks: pagingWebhooks
    pagingWebhookSecrets: pagingWebhookSecrets
    linkSecret: linkSecret
    intakeAddress: intakeAddress
    serviceBusName: queue.outputs.namespaceName
    queueName: queue.outputs.queueName
    slots: slots
    workersAtLeast: workersAtLeast
    workersAtMost: workersAtMost
    otlpEndpoint: otlpEndpoint
    applicationInsights: applicationInsights
    settings: concat(
      [
        { name: 'TOCSIN_SERVICEBUS_NAMESPACE', value: queue.outputs.host }
        { name: 'TOCSIN_SERVICEBUS_QUEUE', value: queue.outputs.queueName }
        { name: 'TOCSIN_TABLES_ENDPOINT', value: tables.outputs.endpoint }
        { name: 'TOCSIN_LOG', value: 'json' }
      ],
      empty(intakeSenders) ? [] : [{ name: 'TOCSIN_INTAKE_SENDERS', value: intakeSenders }]
    )
    workerSettings: concat(
      [
        { name: 'TOCSIN_BOARDS_URL', value: boardsUrl }
        { name: 'TOCSIN_BOARDS_PROJECT', value: boardsProject }
        { name: 'TOCSIN_BOARDS_WORK_ITEM_TYPE', value: boardsWorkItemType }
        { name: 'TOCSIN_TEAMS_TEAM_ID', value: teamsTeamId }
        { name: 'TOCSIN_POSTING', value: 'bot' }
        { name: 'TOCSIN_BOT_SERVICE_URL', value: botServiceUrl }
        { name: 'TOCSIN_BOT_APP_ID', value: registered ? appRegistration.clientId : identities.outputs.worker.clientId }
        { name: 'TOCSIN_TENANT_ID', value: tenant().tenantId }
        { name: 'TOCSIN_SLOTS', value: string(slots) }
        { name: 'TOCSIN_HEALTH_HOST', value: '0.0.0.0' }
        { name: 'TOCSIN_HEALTH_PORT', value: '8082' }
      ],
      empty(boardsKeyField) ? [] : [{ name: 'TOCSIN_BOARDS_KEY_FIELD', value: boardsKeyField }],
      empty(smsEndpoint)
        ? []
        : [
            { name: 'TOCSIN_SMS_ENDPOINT', value: smsEndpoint }
            { name: 'TOCSIN_SMS_FROM', value: smsFrom }
          ]
    )
  }
}

output intakeUrl string = containerApps ? apps!.outputs.intakeUrl : ''
output serviceBusNamespace string = queue.outputs.host
output tablesEndpoint string = tables.outputs.endpoint
output intakeClientId string = identities.outputs.intake.clientId
output workerClientId string = registered ? appRegistration.clientId : identities.outputs.worker.clientId
output scalerClientId string = identities.outputs.scaler.clientId
