using 'main.bicep'

param image = 'registry.example/tocsin:0.1.0'
param boardsUrl = 'https://dev.azure.com/example'
param boardsProject = 'Incidents'
param teamsTeamId = '00000000-0000-0000-0000-000000000000'
param operatorsGroupId = '00000000-0000-0000-0000-000000000000'

// name=SHA-256 of the key, one for each sender; the keys themselves are nowhere but with the senders.
param intakeKeys = readEnvironmentVariable('TOCSIN_INTAKE_KEYS')
