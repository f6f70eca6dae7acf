// The account that holds the history of incidents and the people on call, and nothing else.
import { grantee } from 'types.bicep'

param name string
param location string
param writers grantee[]
param incidentWriters grantee[]

// The built-in role Storage Table Data Contributor.
var contributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: '${take(toLower(replace(name, '-', '')), 11)}${uniqueString(resourceGroup().id)}'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' } // three zones; where a region has none, Standard_LRS
  properties: {
    allowSharedKeyAccess: false // identities alone, no keys
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource service 'Microsoft.Storage/storageAccounts/tableServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource incidents 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = {
  parent: service
  name: 'incidents'
}

resource oncall 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = {
  parent: service
  name: 'oncall'
}

resource schedules 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = {
  parent: service
  name: 'schedules'
}

// On the account, which is for Tocsin alone: at its start a worker makes its table where that is missing.
resource mayWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in writers: {
    scope: account
    name: guid(account.id, grant.principalId, contributor)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', contributor)
    }
  }
]

// On one table: what a message of the queue is too small for is set aside there.
resource mayWriteIncidents 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in incidentWriters: {
    scope: incidents
    name: guid(incidents.id, grant.principalId, contributor)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', contributor)
    }
  }
]

output endpoint string = account.properties.primaryEndpoints.table
