// Builds the plugin for those who can reach JetBrains' repositories:
//
//   gradle buildPlugin                                  without an agent: it looks on the path
//   gradle buildPlugin -Pagent=PATH/TO/nextline         with the agent of this platform in it
//   gradle buildPlugin -Pide=PATH/TO/IDE                against an IDE that is installed, instead of one that is fetched

plugins {
    kotlin("jvm") version "2.1.20"
    id("org.jetbrains.intellij.platform") version "2.11.0"
}

group = "dev.nextline"
version = "0.1.0"

repositories {
    mavenCentral()
    intellijPlatform { defaultRepositories() }
}

dependencies {
    intellijPlatform {
        val ide = providers.gradleProperty("ide")
        if (ide.isPresent) local(ide.get()) else intellijIdeaCommunity("2024.3.5")
    }
}

kotlin {
    jvmToolchain(21)
    sourceSets.main { kotlin.setSrcDirs(listOf("core/src/main/kotlin", "adapter/src/main/kotlin")) }
}

sourceSets.main { resources.setSrcDirs(listOf("adapter/src/main/resources")) }

intellijPlatform {
    pluginConfiguration {
        ideaVersion {
            sinceBuild = "243"
            untilBuild = provider { null }
        }
    }
}

tasks {
    // The chat's page is the one in the agent.
    processResources {
        from("../../agent/src/serve/page") {
            include("*.js", "style.css")
            exclude("main.js")
            into("page")
        }
    }
    prepareSandbox {
        providers.gradleProperty("agent").orNull?.let { agent ->
            from(agent) {
                into("${rootProject.name}/bin")
                filePermissions { unix("755") }
            }
        }
    }
}
