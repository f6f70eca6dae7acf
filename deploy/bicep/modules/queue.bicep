// The queue, with the settings that the worker is built for, and who may do what with it.
import { grantee } from 'types.bicep'

param name string
param location string
param senders grantee[]
param receivers grantee[]
param counters grantee[]

// The built-in roles Azure Service Bus Data Sender and Azure Service Bus Data Receiver.
var sender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var receiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'

resource serviceBus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: location
  sku: { name: 'Standard', tier: 'Standard' } // Basic knows neither duplicate detection nor scheduled messages
  properties: {
    disableLocalAuth: true // identities alone, no keys
    minimumTlsVersion: '1.2'
  }
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: serviceBus
  name: 'incidents'
  properties: {
    lockDuration: 'PT1M' // what a worker that died held is taken up again within a minute; the living renew
    maxDeliveryCount: 10
    requiresDuplicateDetection: true // can be chosen only when the queue is made
    duplicateDetectionHistoryTimeWindow: 'PT10M'
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true // nothing is lost in silence
    requiresSession: false
    maxSizeInMegabytes: 1024
  }
}

resource mayCount 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(serviceBus.id, 'count')
  properties: {
    roleName: 'Count the messages of ${serviceBus.name}'
    description: 'Read how many messages wait in the queues of Tocsin, for scaling; neither send nor receive them.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.ServiceBus/namespaces/queues/read'
          'Microsoft.ServiceBus/namespaces/topics/read'
          'Microsoft.ServiceBus/namespaces/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
    assignableScopes: [resourceGroup().id]
  }
}

resource maySend 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in senders: {
    scope: queue
    name: guid(queue.id, grant.principalId, sender)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
    }
  }
]

resource mayReceive 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in receivers: {
    scope: queue
    name: guid(queue.id, grant.principalId, receiver)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', receiver)
    }
  }
]

resource counts 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in counters: {
    scope: serviceBus
    name: guid(serviceBus.id, grant.principalId, mayCount.id)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: mayCount.id
    }
  }
]

output namespaceName string = serviceBus.name
output host string = '${serviceBus.name}.servicebus.windows.net'
output queueName string = queue.name
