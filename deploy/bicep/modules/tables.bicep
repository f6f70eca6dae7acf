// The account that holds the history of incidents, the people on call and their calendars, and nothing else.
import { grantee } from 'types.bicep'

param name string
param location string
param writers grantee[]
param intakes grantee[]

// The built-in roles Storage Table Data Contributor and Storage Table Data Reader.
var contributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var reader = '76199698-9eea-4c19-bc75-cec21354c6b6'

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

resource calendars 'Microsoft.Storage/storageAccounts/tableServices/tables@2024-01-01' = {
  parent: service
  name: 'calendars'
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
  for grant in intakes: {
    scope: incidents
    name: guid(incidents.id, grant.principalId, contributor)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', contributor)
    }
  }
]

// Calendars are made of what stands there.
resource mayReadSchedules 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in intakes: {
    scope: schedules
    name: guid(schedules.id, grant.principalId, reader)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', reader)
    }
  }
]

// What a calendar was given out with is remembered there.
resource mayWriteCalendars 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in intakes: {
    scope: calendars
    name: guid(calendars.id, grant.principalId, contributor)
    properties: {
      principalId: grant.principalId
      principalType: grant.principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', contributor)
    }
  }
]

output endpoint string = account.properties.primaryEndpoints.table
